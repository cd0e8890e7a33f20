// What goes wrong without ending anything: said in the console, for the developer.

export function warn(said: string): void {
  console.warn(`flaghoist: ${said}`);
}
