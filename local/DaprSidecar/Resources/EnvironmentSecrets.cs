namespace TaskFlow.Local.DaprSidecar.Resources;

/// <summary>A <c>secretstores.local.env</c> component: each environment variable is a secret of the same name.</summary>
internal sealed class EnvironmentSecrets(string name, string prefix, Func<string, string?> environment)
{
    public const string Type = "secretstores.local.env";

    public string Name => name;

    /// <summary>Dapr's own tokens and settings are never handed out as secrets.</summary>
    public static bool IsForbidden(string variable) =>
        variable.StartsWith("DAPR_", StringComparison.OrdinalIgnoreCase) || variable.Equals("APP_API_TOKEN", StringComparison.OrdinalIgnoreCase);

    public string Get(YamlMap reference, string secret)
    {
        var variable = prefix + secret;
        if (IsForbidden(variable)) throw reference.Error("name", $"may not name {variable}");
        return environment(variable) ?? throw reference.Error("name", $"asks the secret store {name} for {secret}, but the environment variable {variable} is not set");
    }
}
