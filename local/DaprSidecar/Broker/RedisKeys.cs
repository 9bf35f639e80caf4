using StackExchange.Redis;

namespace TaskFlow.Local.DaprSidecar.Broker;

/// <summary>The keys of one topic, as one consumer of one group sees them.</summary>
internal sealed class RedisKeys(string topic, string group, string instance)
{
    private readonly string _topic = $"dapr:topic:{topic}:";

    /// <summary>Set: the groups that get every message from now on. A group stays, so that what is published while its app is away waits for it.</summary>
    public RedisKey Groups => _topic + "groups";

    /// <summary>List: what was published before there was any group; the first one inherits it.</summary>
    public RedisKey Retained => _topic + "retained";

    /// <summary>Start of every group's queue: a list, oldest first.</summary>
    public string QueuePrefix => _topic + "queue:";

    public RedisKey Queue => QueuePrefix + group;

    /// <summary>Set: the consumers of the group.</summary>
    public RedisKey Consumers => $"{_topic}consumers:{group}";

    /// <summary>Start of every consumer's list of what it has taken and not yet acknowledged.</summary>
    public string TakenPrefix => $"{_topic}taken:{group}:";

    public RedisKey Taken => TakenPrefix + instance;

    /// <summary>Start of every consumer's sign of life, a key that expires.</summary>
    public string AlivePrefix => $"{_topic}alive:{group}:";

    public RedisKey Alive => AlivePrefix + instance;

    /// <summary>What a publisher needs to know.</summary>
    public static RedisKeys OfPublisher(string topic) => new(topic, "", "");
}
