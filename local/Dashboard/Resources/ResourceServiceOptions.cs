namespace TaskFlow.Local.Dashboard.Resources;

/// <summary>Where the AppHost serves its resources: section <c>ResourceService</c>. Without a URL the dashboard shows telemetry only.</summary>
internal sealed class ResourceServiceOptions
{
    public const string Section = "ResourceService";

    public string? Url { get; set; }

    public string? Key { get; set; }
}
