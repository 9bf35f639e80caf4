using System.Text;

namespace Aspire.Hosting.Engine;

internal sealed record LogLine(long N, DateTimeOffset Timestamp, string Stream, string Text);

/// <summary>The output of one replica: on the terminal, in a file of the data folder, and its last lines in memory for the dashboard and for error messages.</summary>
internal sealed class ResourceLog(string name, string file)
{
    private const int Kept = 2_000;
    private readonly Lock _lock = new();
    private readonly Queue<LogLine> _lines = [];
    private FileStream? _file;
    private bool _hasBegun, _isFailing;
    private long _count;

    public void Write(string stream, string text)
    {
        string? trouble;
        lock (_lock)
        {
            Remember(stream, text);
            trouble = Save(text);
            if (trouble is not null) Remember("apphost", trouble);
        }
        Terminal.Line(name, text);
        if (trouble is not null) Terminal.Line(name, trouble);
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
            _file?.Dispose();
            _file = null;
        }
    }

    private void Remember(string stream, string text)
    {
        _lines.Enqueue(new LogLine(++_count, DateTimeOffset.UtcNow, stream, text));
        if (_lines.Count > Kept) _lines.Dequeue();
    }

    /// <summary>
    /// Into the file, or what is wrong with it, once until a line gets through again. Losing lines is nothing against a process that stands still because nobody
    /// reads what it writes.
    /// </summary>
    private string? Save(string text)
    {
        try
        {
            _file ??= Open();
            _file.Write(Encoding.UTF8.GetBytes(text + Environment.NewLine));
            _isFailing = false;
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _file?.Dispose();
            _file = null;
            if (_isFailing) return null;
            _isFailing = true;
            return $"{file} cannot be written, so it misses lines until it can: {e.Message}";
        }
    }

    /// <summary>Without a buffer: what could not be written must not come up again when the file is closed.</summary>
    private FileStream Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var opened = new FileStream(file, _hasBegun ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        _hasBegun = true;
        return opened;
    }
}
