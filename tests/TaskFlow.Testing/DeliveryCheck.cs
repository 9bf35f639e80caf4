namespace TaskFlow.Testing;

/// <summary>What a reader's record is worth: compared with the log, what is missing, doubled, or out of order.</summary>
public sealed record DeliveryCheck(int Expected, int Lost, int Doubled, int OutOfOrder)
{
    /// <summary>Holds seqs as they came against the whole range behind <paramref name="after"/> up to <paramref name="head"/>.</summary>
    public static DeliveryCheck Of(IReadOnlyList<long> seqs, long after, long head)
    {
        var seen = new HashSet<long>();
        var (doubled, outOfOrder, last) = (0, 0, after);
        foreach (var seq in seqs)
        {
            if (!seen.Add(seq)) doubled++;
            else if (seq < last) outOfOrder++;
            last = Math.Max(last, seq);
        }
        var lost = 0;
        for (var seq = after + 1; seq <= head; seq++) if (!seen.Contains(seq)) lost++;
        return new DeliveryCheck((int)(head - after), lost, doubled, outOfOrder);
    }

    public DeliveryCheck Add(DeliveryCheck other) => new(Expected + other.Expected, Lost + other.Lost, Doubled + other.Doubled, OutOfOrder + other.OutOfOrder);

    public bool IsPerfect => Lost == 0 && Doubled == 0 && OutOfOrder == 0;
}
