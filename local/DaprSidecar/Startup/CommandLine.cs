using System.Globalization;

namespace TaskFlow.Local.DaprSidecar.Startup;

/// <summary>Reads daprd's flags the way daprd does: <c>--name value</c> or <c>--name=value</c>, switches without a value.</summary>
internal static class CommandLine
{
    /// <summary>True when the caller only wants to read the help.</summary>
    public static bool AsksForHelp(string[] args) => args.Any(arg => arg is "--help" or "-h" or "-help");

    public static SidecarOptions Parse(string[] args, Func<string, string?> environment)
    {
        var options = new SidecarOptions
        {
            ApiToken = NullIfEmpty(environment("DAPR_API_TOKEN")),
            AppApiToken = NullIfEmpty(environment("APP_API_TOKEN")),
        };
        for (var i = 0; i < args.Length; i++)
        {
            var (name, value) = Split(args[i]);
            var flag = Flags.All.FirstOrDefault(candidate => candidate.Name == name)
                ?? throw new SidecarException($"unknown flag --{name}; --help lists the flags");
            if (flag.IsSwitch)
            {
                value ??= "true";
            }
            else if (value is null)
            {
                if (++i == args.Length) throw new SidecarException($"flag --{name} needs a value");
                value = args[i];
            }
            flag.Apply(options, value);
        }
        Check(options);
        return options;
    }

    private static (string Name, string? Value) Split(string arg)
    {
        if (!arg.StartsWith('-')) throw new SidecarException($"'{arg}' is not a flag; --help lists the flags");
        var text = arg.TrimStart('-');
        var equals = text.IndexOf('=');
        return equals < 0 ? (text, null) : (text[..equals], text[(equals + 1)..]);
    }

    private static void Check(SidecarOptions options)
    {
        if (options.AppId.Length == 0) throw new SidecarException("flag --app-id is missing: the app's Dapr id, for example --app-id api");
        if (options.HttpPort == options.GrpcPort) throw new SidecarException($"--dapr-http-port and --dapr-grpc-port are both {options.HttpPort}: they must differ");
        if (options.AppHealthProbeTimeout > options.AppHealthProbeInterval)
        {
            throw new SidecarException("--app-health-probe-timeout (milliseconds) must not exceed --app-health-probe-interval (seconds)");
        }
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    public static int Number(string flag, string value, int min, int max) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new SidecarException($"flag --{flag}: '{value}' is not a number from {min} to {max}");
}
