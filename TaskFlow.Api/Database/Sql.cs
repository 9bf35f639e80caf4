using Dapper;
using Npgsql;

namespace TaskFlow.Api.Database;

/// <summary>Dapper with the cancellation token that its short forms leave out.</summary>
internal static class Sql
{
    public static async Task<IReadOnlyList<T>> QueryAsync<T>(this NpgsqlConnection connection, NpgsqlTransaction? transaction, string sql, object? args, CancellationToken ct) =>
        (await connection.QueryAsync<T>(Command(sql, args, transaction, ct))).AsList();

    public static Task<T?> FirstOrDefaultAsync<T>(this NpgsqlConnection connection, NpgsqlTransaction? transaction, string sql, object? args, CancellationToken ct) =>
        connection.QueryFirstOrDefaultAsync<T>(Command(sql, args, transaction, ct));

    public static Task<T> FirstAsync<T>(this NpgsqlConnection connection, NpgsqlTransaction? transaction, string sql, object? args, CancellationToken ct) =>
        connection.QueryFirstAsync<T>(Command(sql, args, transaction, ct));

    public static Task<int> ExecuteAsync(this NpgsqlConnection connection, NpgsqlTransaction? transaction, string sql, object? args, CancellationToken ct) =>
        connection.ExecuteAsync(Command(sql, args, transaction, ct));

    private static CommandDefinition Command(string sql, object? args, NpgsqlTransaction? transaction, CancellationToken ct) =>
        new(sql, args, transaction, cancellationToken: ct);
}
