namespace TaskFlow.Local.DaprSidecar.Startup;

/// <summary>What the command line says, with daprd's defaults.</summary>
internal sealed record SidecarOptions
{
    public string AppId { get; set; } = "";
    public int? AppPort { get; set; }
    public string AppProtocol { get; set; } = "http";
    public string AppChannelAddress { get; set; } = "127.0.0.1";
    public int AppMaxConcurrency { get; set; } = -1;
    public int HttpPort { get; set; } = 3500;
    public int GrpcPort { get; set; } = 50001;

    /// <summary>Unlike daprd's, the default is loopback only: this is a program for a developer's machine.</summary>
    public IReadOnlyList<string> ListenAddresses { get; set; } = ["127.0.0.1"];

    public List<string> ResourcesPaths { get; } = [];
    public List<string> ConfigFiles { get; } = [];
    public bool EnableAppHealthCheck { get; set; }
    public string AppHealthCheckPath { get; set; } = "/healthz";
    public TimeSpan AppHealthProbeInterval { get; set; } = TimeSpan.FromSeconds(5);
    public TimeSpan AppHealthProbeTimeout { get; set; } = TimeSpan.FromMilliseconds(500);
    public int AppHealthThreshold { get; set; } = 3;
    public int MaxBodyBytes { get; set; } = 4 << 20;
    public TimeSpan GracefulShutdown { get; set; } = TimeSpan.FromSeconds(5);
    public LogLevel LogLevel { get; set; } = LogLevel.Information;

    /// <summary>Callers must show it (<c>DAPR_API_TOKEN</c>); null when calls are open.</summary>
    public string? ApiToken { get; set; }

    /// <summary>Shown to the app (<c>APP_API_TOKEN</c>); null when it expects none.</summary>
    public string? AppApiToken { get; set; }
}
