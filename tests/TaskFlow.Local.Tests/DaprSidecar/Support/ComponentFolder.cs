namespace TaskFlow.Local.Tests.DaprSidecar.Support;

/// <summary>A folder with component files as a test needs them.</summary>
internal sealed class ComponentFolder : IDisposable
{
    public const string SecretStore = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: environment
        spec:
          type: secretstores.local.env
          version: v1
        """;

    public string Path { get; } = Directory.CreateTempSubdirectory("taskflow-components-").FullName;

    public string this[string file]
    {
        set => File.WriteAllText(System.IO.Path.Combine(Path, file), value);
    }

    /// <summary>A pub/sub component on the test's Redis.</summary>
    /// <param name="settings">More settings, each <c>name: value</c>.</param>
    /// <param name="policies">A Resiliency file's <c>spec</c>; without one there are no retries.</param>
    public static ComponentFolder WithPubSub(IEnumerable<string>? settings = null, string? policies = null)
    {
        var folder = new ComponentFolder { ["secrets.yaml"] = SecretStore, ["pubsub.yaml"] = PubSub([.. settings ?? []]) };
        if (policies is not null) folder["resiliency.yaml"] = "apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata:\n  name: test\nspec:\n" + policies;
        return folder;
    }

    public static string PubSub(params string[] settings) => $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: pubsub
        spec:
          type: pubsub.redis
          version: v1
          metadata:
            - name: redisHost
              secretKeyRef: { name: REDIS_HOST, key: REDIS_HOST }
            - name: redisPassword
              secretKeyRef: { name: REDIS_PASSWORD, key: REDIS_PASSWORD }
        {{string.Join('\n', settings.Prepend("dialTimeout: 20s").Select(setting => setting.Split(':', 2)).Select(setting => $"    - name: {setting[0]}\n      value: \"{setting[1].Trim()}\""))}}
        auth:
          secretStore: environment
        """;

    /// <summary>Retries that do not make a test wait.</summary>
    public static string QuickRetries(int maxRetries) => $"""
          policies:
            retries:
              quick: {'{'} policy: constant, duration: 20ms, maxRetries: {maxRetries} {'}'}
          targets:
            components:
              pubsub:
                inbound:
                  retry: quick
        """;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
