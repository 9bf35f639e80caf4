using System.Runtime.InteropServices;
using Garnet;

// Redis where no redis-server is installed: Garnet, on loopback, with a password, in memory only.
// Usage: REDIS_PASSWORD=… TaskFlow.Local.RedisServer --port N
if (args is not ["--port", var port] || Environment.GetEnvironmentVariable("REDIS_PASSWORD") is not { Length: > 0 } password)
{
    Console.Error.WriteLine("usage: REDIS_PASSWORD=… TaskFlow.Local.RedisServer --port N");
    return 2;
}
try
{
    using var server = new GarnetServer([
        "--port", port, "--bind", "127.0.0.1", "--auth", "Password", "--password", password,
        "-m", "256m", "-p", "4m", "-i", "4m", "--lua", "--device-type", "RandomAccess", "-q"]);
    server.Start();
    using var stop = new ManualResetEventSlim();
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    stop.Wait();
    return 0;

    void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        stop.Set();
    }
}
catch (Exception e)
{
    Console.Error.WriteLine($"redis: {e.Message}");
    return 1;
}
