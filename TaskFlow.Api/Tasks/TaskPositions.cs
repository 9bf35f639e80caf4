using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Tasks;

/// <summary>
/// Gives tasks their places. Positions are unique within a project and stay short: a place that is taken goes to whoever came first, the
/// other one lands right behind; where there is no room for a short position, the neighbours move apart. All of it happens under the project's
/// row lock (<see cref="TaskRows.LockAsync"/> takes it), so two clients that choose the same place at the same time do not collide.
/// </summary>
internal static class TaskPositions
{
    /// <summary>What a client may send. Clients that count on from their own last position get long.</summary>
    public const int MaxSent = 16_384;

    /// <summary>What is kept. The worst that can happen, always moving to the same side of what came last, gets there after 700 moves.</summary>
    private const int MaxKept = 128;

    /// <summary>What neighbours that are moved apart get at most.</summary>
    private const int MaxSpread = 16;

    private static readonly int[] Windows = [8, 64, int.MaxValue];

    public static void Check(Validator check, string? position)
    {
        if (position is null || position.Length is < 1 or > MaxSent || position.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            check.Add("position", $"Must be 1 to {MaxSent} printable ASCII characters without spaces.");
        }
    }

    /// <summary>The place behind the last of a project's tasks; null when it would be too long to keep, so that <see cref="FindAsync"/> has to make room.</summary>
    public static string? Behind(string? last) => FractionalIndex.Between(last, null) is { Length: <= MaxKept } free ? free : null;

    /// <summary>The place for a task that wants to be at a position, and the places of those neighbours that must move for it.</summary>
    public static async Task<Place> FindAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Guid projectId, Guid taskId, string wanted, CancellationToken ct)
    {
        var below = await NeighboursAsync(connection, transaction, BelowSql, projectId, taskId, wanted, 1, ct);
        var taken = below is [var nearest, ..] && nearest.Position == wanted;
        if (!taken && wanted.Length <= MaxKept) return new Place(wanted, []);

        foreach (var window in Windows)
        {
            // One more on each side: between those two all others are spread anew.
            var take = window == int.MaxValue ? int.MaxValue : window + 1;
            below = await NeighboursAsync(connection, transaction, BelowSql, projectId, taskId, wanted, take, ct);
            var above = await NeighboursAsync(connection, transaction, AboveSql, projectId, taskId, wanted, take, ct);
            if (FractionalIndex.Between(below.FirstOrDefault()?.Position, above.FirstOrDefault()?.Position) is { Length: <= MaxKept } free) return new Place(free, []);

            var low = below.Count == take ? below[^1].Position : null;
            var high = above.Count == take ? above[^1].Position : null;
            Neighbour[] lower = [.. below.Take(window).Reverse()];
            Neighbour[] upper = [.. above.Take(window)];
            if (FractionalIndex.Spread(low, high, lower.Length + 1 + upper.Length) is { } keys && keys.All(key => key.Length <= MaxSpread))
            {
                IEnumerable<Neighbour> moved = [.. lower.Zip(keys, Move), .. upper.Zip(keys[(lower.Length + 1)..], Move)];
                return new Place(keys[lower.Length], [.. moved.Except(lower).Except(upper)]);
            }
        }
        throw new InvalidOperationException("Spreading all tasks of a project anew always finds room.");
    }

    private const string BelowSql = "select id, position from tasks where project_id = $1 and id <> $2 and position <= $3 order by position desc limit $4";
    private const string AboveSql = "select id, position from tasks where project_id = $1 and id <> $2 and position > $3 order by position limit $4";

    private static Neighbour Move(Neighbour neighbour, string position) => neighbour with { Position = position };

    private static async Task<List<Neighbour>> NeighboursAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, string sql, Guid projectId, Guid taskId, string position, int limit, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction)
        {
            Parameters = { Param.Of(projectId), Param.Of(taskId), Param.Of(position), Param.Of(limit) },
        };
        var neighbours = new List<Neighbour>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) neighbours.Add(new Neighbour(reader.GetGuid(0), reader.GetString(1)));
        return neighbours;
    }
}

/// <summary>A task's position, or the one it is to move to.</summary>
internal sealed record Neighbour(Guid Id, string Position);

/// <summary>Where a task goes, and which others move to make room.</summary>
internal sealed record Place(string Position, IReadOnlyList<Neighbour> Moved);
