namespace TaskFlow.Local.Dashboard.Telemetry;

/// <summary>
/// Names, keys and most values come again in every message: one string for all of them. Bounded, since a sender may also use a new one each time: a slot holds
/// whichever came last. Racing writers cost a string, no more.
/// </summary>
internal sealed class StringPool
{
    public const int MaxLength = 128;
    private readonly string?[] _slots = new string?[8192];

    public string Intern(string value)
    {
        if (value.Length is 0) return "";
        if (value.Length > MaxLength) return value;
        ref var slot = ref _slots[(uint)value.GetHashCode() % (uint)_slots.Length];
        if (slot is { } known && known == value) return known;
        slot = value;
        return value;
    }
}
