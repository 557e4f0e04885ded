/** Texts that a process leaves for all others, by name. */
export interface Notes {
  note(name: string): Promise<string | undefined>;
  setNote(name: string, text: string): Promise<void>;
}
