using System.CommandLine;
using System.CommandLine.Parsing;
using Spectre.Console;
using TaskFlow.Bench.Clients;
using TaskFlow.Bench.Commands;
using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench;

/// <summary>The commands and their options; <c>--help</c> prints them.</summary>
internal static class CommandLine
{
    private static readonly Option<Uri> Api = Address("--api", "Address of the API", "http://localhost:5080");
    private static readonly Option<Uri[]> Push = new("--push")
    {
        Description = "Address of the push service; more than once for several instances",
        DefaultValueFactory = _ => [new Uri("http://localhost:5090")],
        AllowMultipleArgumentsPerToken = true,
        Recursive = true,
        CustomParser = result => [.. result.Tokens.Select(token => Address(token.Value, "--push", result)).OfType<Uri>()],
    };
    private static readonly Option<Uri> Dashboard = Address("--dashboard", "Address of the Local dashboard, for the servers' pids", "http://localhost:18888");
    private static readonly Option<int> Connections = new("--connections") { Description = "Clients", DefaultValueFactory = _ => 500, Recursive = true };
    private static readonly Option<int> Rate = new("--rate") { Description = "Updates per second", DefaultValueFactory = _ => 20, Recursive = true };
    private static readonly Option<int> Seconds = new("--seconds") { Description = "How long to measure", DefaultValueFactory = _ => 10, Recursive = true };
    private static readonly Option<int?> Pid = new("--pid") { Description = "Process whose CPU and memory count as the push service's: for measuring another server behind --push", Recursive = true };
    private static readonly Option<bool> SignalR = new("--signalr") { Description = "Behind --push is the SignalR peer of bench/peers/signalr", Recursive = true };
    private static readonly Option<FileInfo?> Json = new("--json") { Description = "Write the results to this file as JSON", Recursive = true };

    public static RootCommand Build()
    {
        foreach (var option in (Option<int>[])[Connections, Rate, Seconds])
        {
            option.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() < 1) result.AddError($"{option.Name} must be at least 1");
            });
        }
        var root = new RootCommand("Measures a running TaskFlow system, and checks that each client got every seq once, in order.") { Api, Push, Dashboard, Connections, Rate, Seconds, Pid, SignalR, Json };

        var kinds = new Option<TransportKind[]>("--transport") { Description = "Transports to compare, in this order", DefaultValueFactory = _ => Delivery.Transports, AllowMultipleArgumentsPerToken = true };
        kinds.AcceptOnlyFromAmong([.. Delivery.Transports.Select(kind => kind.ToString())]);
        Add(root, "transports", "WebSocket, SSE and long poll side by side: latency and server load", (options, parse, token) => TransportsCommand.RunAsync(options, parse.GetValue(kinds)!, token), kinds);

        var sizes = new Option<int[]>("--clients") { Description = "Numbers of clients to compare", DefaultValueFactory = _ => [100, 500, 2000, 8000], AllowMultipleArgumentsPerToken = true };
        var fanoutRooms = new Option<int>("--workspaces") { Description = "Workspaces that the clients are spread over", DefaultValueFactory = _ => 1 };
        Add(root, "fanout", "How the cost of a delivery grows with clients and workspaces", (options, parse, token) => FanoutCommand.RunAsync(options, parse.GetValue(sizes)!, parse.GetValue(fanoutRooms), token), sizes, fanoutRooms);

        var postgres = new Option<string>("--postgres") { Description = "Connection string of the database (events are injected below the API)", Required = true };
        var redis = new Option<string>("--redis") { Description = "Connection string of Redis", Required = true };
        var hopRooms = new Option<int>("--workspaces") { Description = "Workspaces that the clients are spread over; each gets --rate events a second", DefaultValueFactory = _ => 1 };
        var hopKind = new Option<TransportKind?>("--transport") { Description = "What the clients are; WebSockets unless said" };
        hopKind.AcceptOnlyFromAmong([.. Delivery.Transports.Select(kind => kind.ToString())]);
        var stalled = new Option<int>("--stalled") { Description = "Clients besides that stop reading", DefaultValueFactory = _ => 0 };
        var bytes = new Option<int>("--bytes") { Description = "About how large an event is on the wire", DefaultValueFactory = _ => 300 };
        Add(root, "hop", "The push tier alone at a steady rate: from Redis to the client's read",
            (options, parse, token) => HopCommand.RunAsync(options, parse.GetValue(hopKind) ?? options.Stream, parse.GetValue(postgres)!, parse.GetValue(redis)!, parse.GetValue(hopRooms), parse.GetValue(stalled), parse.GetValue(bytes), token), hopKind, postgres, redis, hopRooms, stalled, bytes);

        var window = new Option<int>("--in-flight") { Description = "Events under way at once", DefaultValueFactory = _ => 32 };
        Add(root, "saturate", "Deliveries per second at saturation, and the CPU each costs", (options, parse, token) => SaturateCommand.RunAsync(options, parse.GetValue(postgres)!, parse.GetValue(redis)!, parse.GetValue(window), token), postgres, redis, window);

        Add(root, "idle", "Memory and CPU of idle connections", IdleCommand.RunAsync);

        var missed = new Option<int>("--missed") { Description = "Events each client has missed", DefaultValueFactory = _ => 100 };
        Add(root, "storm", "All clients resume at once", (options, parse, token) => StormCommand.RunAsync(options, parse.GetValue(missed), token), missed);

        var rooms = new Option<int>("--workspaces") { Description = "Workspaces written to", DefaultValueFactory = _ => 50 };
        var writers = new Option<int>("--writers") { Description = "Requests under way at once", DefaultValueFactory = _ => 50 };
        Add(root, "writes", "PATCHes per second and their latency", (options, parse, token) => WritesCommand.RunAsync(options, parse.GetValue(rooms), parse.GetValue(writers), token), rooms, writers);

        var minutes = new Option<int>("--minutes") { Description = "How long", DefaultValueFactory = _ => 15 };
        Add(root, "soak", "Steady load with memory, handles and latency per minute", (options, parse, token) => SoakCommand.RunAsync(options, parse.GetValue(minutes), token), minutes);

        Add(root, "smoke", "A few seconds of everything small: does the system deliver?", (options, token) => TransportsCommand.RunAsync(options with { Connections = 10, Duration = TimeSpan.FromSeconds(2) }, Delivery.Transports, token));
        return root;
    }

    private static Option<Uri> Address(string name, string description, string address) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => new Uri(address),
        Recursive = true,
        CustomParser = result => Address(result.Tokens.Single().Value, name, result),
    };

    private static Uri? Address(string text, string name, ArgumentResult result)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http") return uri;
        result.AddError($"{name} must be a plain HTTP address such as http://localhost:5090: the clients speak no TLS");
        return null;
    }

    private static void Add(RootCommand root, string name, string description, Func<BenchOptions, CancellationToken, Task<bool>> run) =>
        Add(root, name, description, (options, _, token) => run(options, token));

    private static void Add(RootCommand root, string name, string description, Func<BenchOptions, ParseResult, CancellationToken, Task<bool>> run, params Option[] options)
    {
        var command = new Command(name, description);
        foreach (var option in options) command.Options.Add(option);
        command.SetAction(async (parse, token) =>
        {
            try
            {
                return await run(Common(parse), parse, token) ? 0 : 1;
            }
            catch (Exception error) when (error is BenchException or HttpRequestException or System.Net.Sockets.SocketException)
            {
                AnsiConsole.MarkupLineInterpolated($"[red]{error.Message}[/]");
                return 2;
            }
        });
        root.Subcommands.Add(command);
    }

    private static BenchOptions Common(ParseResult parse) => new()
    {
        Api = parse.GetValue(Api)!,
        Push = parse.GetValue(Push)!,
        Dashboard = parse.GetValue(Dashboard),
        Connections = parse.GetValue(Connections),
        Rate = parse.GetValue(Rate),
        Duration = TimeSpan.FromSeconds(parse.GetValue(Seconds)),
        PushPid = parse.GetValue(Pid),
        SignalR = parse.GetValue(SignalR),
        Json = parse.GetValue(Json),
    };
}
