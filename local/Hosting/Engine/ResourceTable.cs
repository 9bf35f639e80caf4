namespace Aspire.Hosting.Engine;

/// <summary>What runs and where, once all is healthy.</summary>
internal static class ResourceTable
{
    public static void Show(IReadOnlyCollection<Replica> replicas, TimeSpan sinceStart)
    {
        var rows = replicas.GroupBy(replica => replica.Resource).Select(group => (
            Name: group.Key.Name + (group.Count() > 1 ? $" ×{group.Count()}" : ""),
            State: group.All(replica => replica.IsHealthy) ? "healthy" : group.First(replica => !replica.IsHealthy).State,
            Url: group.FirstOrDefault(replica => !replica.IsHealthy)?.Message ?? string.Join("  ", group.Key.Annotations.OfType<ApplicationModel.EndpointAnnotation>().Select(endpoint => endpoint.AllocatedEndpoint!.UriString)))).ToList();
        var (name, state) = (rows.Max(row => row.Name.Length), rows.Max(row => row.State.Length));
        Terminal.Plain("");
        foreach (var row in rows) Terminal.Plain($"  {row.Name.PadRight(name)}  {row.State.PadRight(state)}  {row.Url}");
        Terminal.Plain("");
        var broken = rows.Count(row => row.State != "healthy");
        Terminal.Apphost(broken == 0 ? $"all is healthy after {sinceStart.TotalSeconds:0.0} s; Ctrl+C stops it" : $"all but {broken} healthy after {sinceStart.TotalSeconds:0.0} s; Ctrl+C stops it");
    }
}
