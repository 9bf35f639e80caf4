using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Npgsql;

namespace TaskFlow.Api.Database;

/// <summary>
/// Names the database's spans as the semantic conventions ask: operation and table, such as <c>UPDATE tasks</c>. Npgsql's own name is that of the system,
/// which makes all lines of a trace look alike.
/// </summary>
internal static partial class SpanNames
{
    // By reference: almost all statements are constants, and what is composed must not be kept.
    private static readonly ConditionalWeakTable<string, string> Known = [];

    public static void UseSpanNames(this NpgsqlDataSourceBuilder builder) => builder.ConfigureTracing(tracing => tracing
        .ConfigureCommandSpanNameProvider(command => Of(command.CommandText))
        .ConfigureBatchSpanNameProvider(batch => Of(batch.BatchCommands)));

    /// <summary>Of several statements and of a <c>with</c>, the first one counts; null where there is none of these.</summary>
    private static string? Of(string sql) => Known.GetValue(sql, static sql => Statement().Match(sql) is { Success: true } match
        ? $"{match.Groups["verb"].Value.ToUpperInvariant()} {match.Groups["table"].Value}".TrimEnd()
        : "") is { Length: > 0 } name ? name : null;

    private static string? Of(IList<NpgsqlBatchCommand> commands)
    {
        var first = commands.Select(command => Of(command.CommandText)).FirstOrDefault(name => name is not null);
        return first is null || commands.Count == 1 ? first : $"BATCH {first}";
    }

    [GeneratedRegex(@"\b(?<verb>insert)\s+into\s+(?<table>\w+)|\b(?<verb>delete)\s+from\s+(?<table>\w+)|\b(?<verb>update)\s+(?<table>\w+)"
        + @"|\b(?<verb>select)\b(?:(?!\bselect\b).)*?\bfrom\s+(?<table>\w+)|\b(?<verb>select)\b", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Statement();
}
