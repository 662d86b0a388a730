/** The English sentence → Ukrainian and Russian; `{name}` stands for what changes in it. */
export type PhraseTable = Readonly<Record<string, readonly [uk: string, ru: string]>>;
