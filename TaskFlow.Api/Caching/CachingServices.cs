using StackExchange.Redis;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Caching;

internal static class CachingServices
{
    public static void AddCaching(this WebApplicationBuilder builder)
    {
        builder.AddRedisClient(Topology.Resources.Redis, settings => settings.DisableHealthChecks = true, redis =>
        {
            redis.AbortOnConnectFail = false; // start without Redis, and find it when it comes
            redis.BacklogPolicy = BacklogPolicy.FailFast;
            redis.ConnectTimeout = 1000;
            redis.AsyncTimeout = redis.SyncTimeout = 500;
            redis.ReconnectRetryPolicy = new LinearRetry(500);
            redis.HeartbeatInterval = TimeSpan.FromMilliseconds(500);
        });
        builder.Services.AddSingleton<RedisLink>();
        builder.Services.AddHealthChecks().AddCheck<RedisHealth>("redis");
    }
}
