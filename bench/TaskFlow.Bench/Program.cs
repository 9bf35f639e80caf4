using TaskFlow.Bench;
using TaskFlow.Bench.Clients;

Subscriber.UseOneSocketThread();
return await CommandLine.Build().Parse(args).InvokeAsync();
