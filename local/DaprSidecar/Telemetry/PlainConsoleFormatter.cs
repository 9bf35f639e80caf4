using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace TaskFlow.Local.DaprSidecar.Telemetry;

/// <summary>One line per entry: time, level, text. The AppHost puts the process's name in front.</summary>
internal sealed class PlainConsoleFormatter() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "plain";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var level = logEntry.LogLevel switch
        {
            LogLevel.Critical => "fatal",
            LogLevel.Error => "error",
            LogLevel.Warning => "warn ",
            LogLevel.Information => "info ",
            _ => "debug",
        };
        textWriter.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {level} {logEntry.Formatter(logEntry.State, logEntry.Exception)}{(logEntry.Exception is { } error ? $" {error}" : "")}");
    }
}
