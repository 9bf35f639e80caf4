using Npgsql;

namespace TaskFlow.Api.Database;

/// <summary>Tells a database that is away, full, too busy or closed to us (503, try again) from a defect of ours (500).</summary>
internal static class DatabaseFailures
{
    public static bool IsUnavailable(Exception exception) => exception switch
    {
        // 08 connection, 28 our login is refused, 53 out of resources, 57 shut down or cancelled by a timeout, 58 system error, 25006 a standby, 3D000 not created yet, 40 retries used up, 55P03 lock timeout.
        PostgresException postgres => postgres.SqlState is ['0', '8', ..] or ['2', '8', ..] or ['5', '3', ..] or ['5', '7', ..] or ['5', '8', ..] or "25006" or "3D000" or ['4', '0', ..] or "55P03",
        NpgsqlException => true, // No answer from the server at all: refused, broken, timed out, or the pool is dry.
        _ => exception.InnerException is { } inner && IsUnavailable(inner),
    };

    /// <summary>Postgres does not take our user or password: wrong ones, or ones that were changed under us. Only people can mend that.</summary>
    public static bool IsRefusedLogin(Exception exception) =>
        exception is PostgresException { SqlState: ['2', '8', ..] } || (exception.InnerException is { } inner && IsRefusedLogin(inner));

    /// <summary>The connection died under us, so nothing but the connection is known to be wrong. Timeouts do not count: trying again would double the wait.</summary>
    public static bool IsBrokenConnection(NpgsqlException exception) => exception switch
    {
        PostgresException postgres => postgres.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown,
        _ => exception.InnerException is IOException and not { InnerException: TimeoutException },
    };

    /// <summary>Text that Postgres cannot store got past validation.</summary>
    public static bool IsUnstorableText(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter };
}
