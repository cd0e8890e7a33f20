// The stock provider, told of a new version, asks for it once. Should that fail, its next question no longer says which version there is,
// and the edge may answer from what it held before. So the version stays in every question until an answer is as new.
const FENCE = "flagConfigEtag";

let wanted;

function meets(version, fence) {
  const [[epoch, number], [wantedEpoch, wantedNumber]] = [version, fence].map((text) => text.split("-").map(Number));
  return epoch > wantedEpoch || (epoch === wantedEpoch && number >= wantedNumber);
}

async function withFence(request, url) {
  url.searchParams.set(FENCE, wanted);
  const { method, headers, signal } = request;
  return new Request(url, { method, headers, signal, body: await request.text() });
}

/** Returns `fetching` with a memory for what was asked for and not had. */
export const fenced = (fetching) => async (resource, options) => {
  const request = new Request(resource, options);
  const url = new URL(request.url);
  const isFenced = url.searchParams.has(FENCE);
  if (isFenced) wanted = url.searchParams.get(FENCE);
  const answer = await fetching(wanted && !isFenced ? await withFence(request, url) : request, options);
  const version = answer.headers.get("Flaghoist-Version");
  if (wanted && version && meets(version, wanted)) wanted = undefined;
  return answer;
};
