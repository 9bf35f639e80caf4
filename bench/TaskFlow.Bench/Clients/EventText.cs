namespace TaskFlow.Bench.Clients;

/// <summary>
/// Finds the seq of a text that is one event by looking where it was in the text before: the events of a run differ in little else, and a generator that
/// looks at every byte of what it only counts measures itself.
/// </summary>
internal static class EventText
{
    private static ReadOnlySpan<byte> Key => "\"seq\":"u8;
    private static ReadOnlySpan<byte> Batch => "{\"type\":\"batch\""u8;

    /// <summary>The seq of the one event that the text is; false when it is none, or perhaps more than one.</summary>
    /// <param name="text">A whole text.</param>
    /// <param name="at">Where the key began last time; moved when it begins elsewhere.</param>
    /// <param name="seq">The number.</param>
    public static bool TryReadSeq(ReadOnlySpan<byte> text, ref int at, out long seq)
    {
        seq = 0;
        if (text.StartsWith(Batch)) return false;
        if (text.Length < at + Key.Length || !text[at..].StartsWith(Key))
        {
            var found = text.IndexOf(Key);
            if (found < 0) return false;
            at = found;
        }
        for (var index = at + Key.Length; index < text.Length && (uint)(text[index] - '0') <= 9; index++) seq = (seq * 10) + (text[index] - '0');
        return seq > 0;
    }
}
