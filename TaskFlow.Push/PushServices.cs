using Microsoft.Extensions.Options;
using TaskFlow.Push.Access;
using TaskFlow.Push.Connections;
using TaskFlow.Push.EventChannels;
using TaskFlow.Push.Presence;
using TaskFlow.Push.Telemetry;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push;

/// <summary>What logs and connections share: one reference in each of them instead of a dozen.</summary>
internal sealed class PushServices(
    IOptions<RealtimeOptions> options, Clock clock, Instance instance, PushTelemetry telemetry, ApiClient api, TokenReader tokens, RevokedSessions revoked,
    Sessions sessions, Endpoints endpoints, DrainState drain, EventSubscriber events, RedisChannels channels, PresenceService presence, ILogger<WorkspaceLog> logger)
{
    public RealtimeOptions Options { get; } = options.Value;
    public Clock Clock => clock;
    public Instance Instance => instance;
    public PushTelemetry Telemetry => telemetry;
    public ApiClient Api => api;
    public TokenReader Tokens => tokens;
    public RevokedSessions Revoked => revoked;
    public Sessions Sessions => sessions;
    public Endpoints Endpoints => endpoints;
    public DrainState Drain => drain;
    public EventSubscriber Events => events;
    public RedisChannels Channels => channels;
    public PresenceService Presence => presence;
    public ILogger<WorkspaceLog> Logger => logger;
}

/// <summary>This process among the instances of the service.</summary>
internal sealed class Instance
{
    private static readonly System.Buffers.SearchValues<char> LowerHex = System.Buffers.SearchValues.Create("0123456789abcdef");

    /// <summary>New with every start: what another process left behind is not mistaken for ours.</summary>
    public string Name { get; } = Random.Shared.NextInt64(1L << 40).ToString("x10", System.Globalization.CultureInfo.InvariantCulture);

    public string ConnectionId(long id) => $"{Name}-{id:x16}";

    /// <summary>Takes a connection id apart; false when it is none.</summary>
    public static bool TryParse(string? text, out string instance, out long id)
    {
        (instance, id) = ("", 0);
        if (text is not { Length: 27 } || text[10] != '-') return false;
        instance = text[..10];
        return !instance.AsSpan().ContainsAnyExcept(LowerHex) && long.TryParse(text.AsSpan(11), System.Globalization.NumberStyles.AllowHexSpecifier, null, out id);
    }
}
