namespace Aspire.Hosting.Engine;

internal sealed record LogLine(long N, DateTimeOffset Timestamp, string Stream, string Text);

/// <summary>The output of one replica: on the terminal, in a file of the data folder, and its last lines in memory for the dashboard and for error messages.</summary>
internal sealed class ResourceLog(string name, string file)
{
    private const int Kept = 2_000;
    private readonly Lock _lock = new();
    private readonly Queue<LogLine> _lines = [];
    private StreamWriter? _writer;
    private long _count;

    public void Write(string stream, string text)
    {
        lock (_lock)
        {
            _lines.Enqueue(new LogLine(++_count, DateTimeOffset.UtcNow, stream, text));
            if (_lines.Count > Kept) _lines.Dequeue();
            _writer ??= new StreamWriter(new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
            _writer.WriteLine(text);
        }
        Terminal.Line(name, text);
    }

    public IReadOnlyList<LogLine> After(long n)
    {
        lock (_lock) return [.. _lines.Where(line => line.N > n)];
    }

    /// <summary>The last thing it said, preferably as an error: what a message about its end should quote.</summary>
    public string? LastWords
    {
        get
        {
            lock (_lock)
            {
                return (_lines.LastOrDefault(line => line.Stream == "stderr" && line.Text.Length > 0) ?? _lines.LastOrDefault(line => line.Text.Length > 0))?.Text.Trim();
            }
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _writer?.Dispose();
            _writer = null;
        }
    }
}
