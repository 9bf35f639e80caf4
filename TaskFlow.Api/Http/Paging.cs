using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;

namespace TaskFlow.Api.Http;

/// <summary>One page of a list.</summary>
/// <param name="Data">The rows.</param>
/// <param name="NextCursor">Ask with it for the next page; null on the last.</param>
internal sealed record Page<T>(IReadOnlyList<T> Data, string? NextCursor);

internal static class Page
{
    /// <summary>Makes a page of what a query with <c>limit</c> + 1 rows found: the extra row only tells that there is more.</summary>
    public static Page<T> Of<T>(IReadOnlyList<T> rows, int limit, Func<T, string> cursor) =>
        rows.Count <= limit ? new Page<T>(rows, null) : new Page<T>([.. rows.Take(limit)], cursor(rows[limit - 1]));
}

/// <summary>
/// <c>?limit=</c> and <c>?cursor=</c> of a list; an <c>[AsParameters]</c> parameter. A cursor is the sort key of the last row seen, not an offset: it
/// stays right while rows are added and removed.
/// </summary>
internal sealed record PageQuery(string? Limit, string? Cursor)
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    /// <summary>The checked limit; throws a 400 unless it is a number from 1 to 200.</summary>
    public int Size => Limit is null ? DefaultLimit : Number("limit", Limit, 1, MaxLimit);

    /// <summary>Position of a list sorted by time and id; null at the start. Throws a 400 when the cursor was not made by <see cref="Http.Cursor"/>.</summary>
    public (DateTimeOffset At, Guid Id)? AfterTimeAndId() => Cursor is null ? null : Http.Cursor.ReadTimeAndId(Cursor);

    /// <summary>Position of a list sorted by a number; null at the start.</summary>
    public long? AfterNumber() => Cursor is null ? null : Http.Cursor.ReadNumber(Cursor);

    /// <summary>A whole number in a query value within bounds, else a 400 that names the field.</summary>
    public static int Number(string field, string text, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new ProblemException(Problems.Validation(field, $"Must be a whole number from {min} to {max}."));
}

/// <summary>Opaque cursors: base64url of a kind and the sort key.</summary>
internal static class Cursor
{
    private const byte TimeAndIdKind = 1;
    private const byte NumberKind = 2;

    public static string Of(DateTimeOffset at, Guid id)
    {
        Span<byte> bytes = stackalloc byte[25];
        bytes[0] = TimeAndIdKind;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], at.UtcTicks);
        id.TryWriteBytes(bytes[9..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    public static string Of(long number)
    {
        Span<byte> bytes = stackalloc byte[9];
        bytes[0] = NumberKind;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], number);
        return Base64Url.EncodeToString(bytes);
    }

    public static (DateTimeOffset At, Guid Id) ReadTimeAndId(string cursor)
    {
        Span<byte> bytes = stackalloc byte[25];
        Decode(cursor, TimeAndIdKind, bytes);
        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes[1..]);
        if (ticks < DateTimeOffset.UnixEpoch.Ticks || ticks > DateTimeOffset.MaxValue.Ticks) throw Malformed();
        return (new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[9..], bigEndian: true));
    }

    public static long ReadNumber(string cursor)
    {
        Span<byte> bytes = stackalloc byte[9];
        Decode(cursor, NumberKind, bytes);
        return BinaryPrimitives.ReadInt64BigEndian(bytes[1..]);
    }

    private static void Decode(string cursor, byte kind, Span<byte> bytes)
    {
        // The length is checked first: a longer text would not fit, and the decoder says so by an exception only.
        if (cursor.Length != Base64Url.GetEncodedLength(bytes.Length) || !Base64Url.IsValid(cursor)
            || !Base64Url.TryDecodeFromChars(cursor, bytes, out var written) || written != bytes.Length || bytes[0] != kind)
        {
            throw Malformed();
        }
    }

    private static ProblemException Malformed() => new(Problems.Validation("cursor", "Is not a cursor of this list."));
}
