// The page's few drawings, each a single line in a field of 24 by 24.

export const DROP = "M12 15V4M8 8l4-4 4 4M4 15v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3";
export const FILE = "M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zM14 3v5h5M9 13h6M9 17h6";
export const CLOSE = "M6 6l12 12M18 6L6 18";
export const WARN = "M12 9v4M12 17h.01M10.3 4l-8 14a2 2 0 0 0 1.7 3h16a2 2 0 0 0 1.7-3l-8-14a2 2 0 0 0-3.4 0z";
export const CLOUD = "M3 3l18 18M8 6.5A6 6 0 0 1 18 10a4 4 0 0 1 3 6M17 19H7a5 5 0 0 1-2-9.5";
export const DOWN = "M12 4v11M8 11l4 4 4-4M4 20h16";
export const COPY = "M9 9h11v11H9zM5 15H4V4h11v1";
export const SEARCH = "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4.5 4.5";
export const BELL = "M6 10a6 6 0 0 1 12 0c0 6 2 7 2 7H4s2-1 2-7M10 21h4";
export const TRASH = "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13";
export const PICTURE = "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9h.01";
