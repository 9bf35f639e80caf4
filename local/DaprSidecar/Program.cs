using TaskFlow.Local.DaprSidecar.Resources;
using TaskFlow.Local.DaprSidecar.Startup;

if (CommandLine.AsksForHelp(args))
{
    Console.WriteLine(Flags.HelpText());
    return 0;
}

try
{
    var options = CommandLine.Parse(args, Environment.GetEnvironmentVariable);
    var resources = SidecarResources.Load(options, Environment.GetEnvironmentVariable);
    await SidecarHost.RunAsync(SidecarHost.Build(options, resources));
    return 0;
}
catch (SidecarException error)
{
    await Console.Error.WriteLineAsync($"dapr sidecar: {error.Message}");
    return 1;
}
