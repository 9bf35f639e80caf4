using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace TaskFlow.Bench.Measuring;

/// <summary>Rows of named figures: a table for people, JSON for machines.</summary>
internal sealed class Report(string title)
{
    private readonly List<(string Name, List<(string Figure, object? Value, string Format)> Figures)> _rows = [];

    /// <summary>Adds a row; figures keep their order. A null value prints as a dash.</summary>
    public void Add(string name, params (string Figure, object? Value, string Format)[] figures) => _rows.Add((name, [.. figures]));

    /// <summary>Prints the table, and writes the JSON file where asked for.</summary>
    public async Task WriteAsync(FileInfo? json, CancellationToken cancellationToken)
    {
        var table = new Table { Title = new TableTitle(title) };
        table.AddColumn("");
        foreach (var (figure, _, _) in _rows[0].Figures) table.AddColumn(new TableColumn(figure).RightAligned());
        foreach (var (name, figures) in _rows)
        {
            table.AddRow([name, .. figures.Select(item => item.Value is IFormattable value ? value.ToString(item.Format, CultureInfo.InvariantCulture) : item.Value?.ToString() ?? "–")]);
        }
        AnsiConsole.Write(table);
        if (json is null) return;
        var rows = _rows.Select(row => new Dictionary<string, object?>(row.Figures.Select(item => KeyValuePair.Create(item.Figure, item.Value))) { ["name"] = row.Name });
        await File.WriteAllTextAsync(json.FullName, JsonSerializer.Serialize(new { title, at = DateTimeOffset.UtcNow, rows }), cancellationToken);
        AnsiConsole.MarkupLineInterpolated($"[grey]written to {json.FullName}[/]");
    }
}
