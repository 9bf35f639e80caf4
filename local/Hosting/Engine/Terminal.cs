namespace Aspire.Hosting.Engine;

/// <summary>The AppHost's output: every line says whose it is.</summary>
internal static class Terminal
{
    private static readonly Lock Lock = new();
    private static readonly bool Colours = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null;
    private static int Width = "apphost".Length;

    /// <summary>Off under test, where the output belongs to the test runner. Logs are in the data folder all the same.</summary>
    public static bool IsQuiet { get; set; }

    public static void MakeRoomFor(string name) => Width = Math.Max(Width, name.Length);

    public static void Apphost(string text) => Line("apphost", text);

    public static void Line(string name, string text)
    {
        if (IsQuiet) return;
        var prefix = name.PadRight(Width);
        if (Colours) prefix = $"\e[{31 + (name.Sum(c => c) % 6)}m{prefix}\e[0m";
        Write(Console.Out, $"{prefix} | {text}");
    }

    public static void Plain(string text)
    {
        if (IsQuiet) return;
        Write(Console.Out, text);
    }

    public static void Error(string text) => Write(Console.Error, text);

    private static void Write(TextWriter writer, string text)
    {
        try
        {
            lock (Lock) writer.WriteLine(text);
        }
        catch (IOException)
        {
            // A closed terminal, or a full disk behind a redirection: what runs goes on, and what stops is stopped in order.
        }
    }
}

/// <summary>A mistake ends the AppHost with one sentence on the error output and exit code 1, without a stack trace.</summary>
internal static class OneSentence
{
    public static void ForUnhandledMistakes() => AppDomain.CurrentDomain.UnhandledException += (_, e) =>
    {
        if (!IsMistake(e.ExceptionObject)) return;
        Say((Exception)e.ExceptionObject);
        Environment.Exit(1);
    };

    public static void Say(Exception mistake)
    {
        Terminal.Error($"apphost: {mistake.Message}");
        Environment.ExitCode = 1;
    }

    /// <summary>Besides our own, what the configuration throws for a value of the wrong type or a malformed file: it names key and value.</summary>
    public static bool IsMistake(object exception) => exception is DistributedApplicationException
        || (exception as Exception)?.TargetSite?.DeclaringType?.Namespace?.StartsWith("Microsoft.Extensions.Configuration", StringComparison.Ordinal) == true;
}
