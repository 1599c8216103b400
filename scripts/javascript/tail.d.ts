export class Connection extends Commands {
  constructor(socket_url: string, options?: ConnectionOptions);
  readonly socket_url: string;
  timeout: number;
  readonly mirror: Mirror;
  readonly view: View | null;
  readonly participant: string | null;
  readonly place: Place | null;
  readonly session: string | null;
  open(): Promise<this>;
  close(): Promise<Closed>;
  drop(): void;
  closed(timeout?: number): Promise<Closed>;
  ask(command: string, fields?: Json, how?: { timeout?: number; check?: boolean }): Promise<Reply>;
  tell(command: string, fields?: Json): string;
  send_raw(text: string): void;
  caught_up(): Promise<void>;
  on<T extends keyof Frames>(type: T, listener: (frame: Frames[T]) => void): () => void;
  on(type: "*", listener: (frame: AnyFrame) => void): () => void;
  on(type: "changed", listener: (view: View) => void): () => void;
  on(type: "lost" | "closed", listener: (closed: Closed) => void): () => void;
  wait_for<T extends keyof Frames>(type: T, where?: Where<Frames[T]>, timeout?: number): Promise<Frames[T]>;
  wait_for(type?: null, where?: Where<AnyFrame>, timeout?: number): Promise<AnyFrame>;
  frames<T extends keyof Frames>(type: T, where?: Where<Frames[T]>): Frames[T][];
  frames(type?: null, where?: Where<AnyFrame>): AnyFrame[];
  seen(condition: (view: View) => unknown, timeout?: number): Promise<View>;
  placed(place: Place, timeout?: number): Promise<View>;
}
