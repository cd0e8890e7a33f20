// The constant that an empty Worker answers is JSON: one long text between these.
export const PREFIX = '{"flags":"';
export const SUFFIX = '"}';
