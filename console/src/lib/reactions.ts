/** The emoji that are one press away. */
export const FAVOURITES = ["👍", "❤️", "😄", "🎉", "🙏", "👀"] as const;
