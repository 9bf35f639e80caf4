using Spectre.Console;
using TaskFlow.Bench;
using TaskFlow.Bench.Clients;

// A table in a file or a pipe need not fit a terminal.
if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 240;
SocketReadiness.UseOneSocketThread();
return await CommandLine.Build().Parse(args).InvokeAsync();
