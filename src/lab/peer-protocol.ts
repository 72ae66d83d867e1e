/** What the lab asks its processes with sockets, and what they answer. */

export type Question =
  | { op: 'listen'; host: string; port: number }
  | { op: 'connect'; end: string; port: number; localPort: number }
  | { op: 'accept'; end: string }
  | { op: 'send'; end: string; text: string }
  | { op: 'flood'; end: string; limit: number }
  | { op: 'read'; end: string; bytes: number }
  | { op: 'readAll'; end: string }
  | { op: 'finish'; end: string }
  | { op: 'close'; end: string }
  | { op: 'tcpView'; end: string }
  | { op: 'reconnect'; unread: string; answer: string }
  | { op: 'startTalk'; from: string; to: string }
  | { op: 'stopTalk'; after: number };

/** The ports of one end. */
export interface Ports {
  local: number;
  remote: number;
}

/** What became of a flood. `taken` counts bytes; `error` is an errno's name. */
export interface Flooded {
  taken: number;
  blocked: boolean;
  error: string | null;
  digest: string;
}

/** A stream read to its end; `text` is its beginning. */
export interface ReadAll {
  bytes: number;
  text: string;
  digest: string;
  error: string | null;
}

/** What TCP holds of a connection: its state in hexadecimal, and the bytes that came by TCP and are unread. */
export interface TcpView {
  state: string;
  unread: number;
}

export interface Answers {
  listen: { port: number };
  connect: Ports;
  accept: Ports;
  send: { error: string | null };
  flood: Flooded;
  read: { text: string };
  readAll: ReadAll;
  finish: null;
  close: null;
  tcpView: TcpView | null;
  reconnect: { text: string };
  startTalk: null;
  stopTalk: { messages: number; intact: boolean };
}
