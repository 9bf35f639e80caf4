using Npgsql;
using NpgsqlTypes;

namespace TaskFlow.Api.Database;

/// <summary>Positional parameters ($1, $2 …) for the statements of the hot path: typed, so not boxed, and prepared by Npgsql after a few uses.</summary>
internal static class Param
{
    public static NpgsqlParameter Of<T>(T value) where T : notnull => new NpgsqlParameter<T> { TypedValue = value };

    public static NpgsqlParameter Of(string? value) => value is null ? Null(NpgsqlDbType.Text) : new NpgsqlParameter<string> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text };

    public static NpgsqlParameter Of(Guid? value) => value is { } some ? new NpgsqlParameter<Guid> { TypedValue = some } : Null(NpgsqlDbType.Uuid);

    public static NpgsqlParameter Of(DateOnly? value) => value is { } some ? new NpgsqlParameter<DateOnly> { TypedValue = some } : Null(NpgsqlDbType.Date);

    public static NpgsqlParameter Of(DateTimeOffset value) => new NpgsqlParameter<DateTime> { TypedValue = value.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    public static NpgsqlParameter Of(string?[]? value) =>
        value is null ? Null(NpgsqlDbType.Array | NpgsqlDbType.Text) : new NpgsqlParameter<string?[]> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    public static NpgsqlParameter Of(byte[]? value) => value is null ? Null(NpgsqlDbType.Bytea) : new NpgsqlParameter<byte[]> { TypedValue = value };

    public static NpgsqlParameter Json(string value) => new NpgsqlParameter<string> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Jsonb };

    private static NpgsqlParameter Null(NpgsqlDbType type) => new() { Value = DBNull.Value, NpgsqlDbType = type };
}
