using TaskFlow.Local.Tests.DaprSidecar.Support;

[assembly: AssemblyFixture(typeof(RedisProcess))]
