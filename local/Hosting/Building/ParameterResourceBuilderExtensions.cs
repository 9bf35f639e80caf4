using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class ParameterResourceBuilderExtensions
{
    /// <summary>
    /// A value from the configuration (<c>Parameters:name</c>), else the default. With <paramref name="persist"/> the default is made once and kept,
    /// on this engine in the data folder (Aspire keeps it in the user secrets).
    /// </summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false) =>
        builder.AddResource(Create(builder, name, value, secret, persist));

    internal static ParameterResource Create(IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret, bool persist)
    {
        var state = ((DistributedApplicationBuilder)builder).State;
        return new ParameterResource(name, Value, secret) { Default = value };

        string Value(ParameterDefault? defaultValue) => builder.Configuration[$"Parameters:{name}"] switch
        {
            { Length: > 0 } configured => configured,
            _ when defaultValue is null => throw new DistributedApplicationException($"The parameter '{name}' has no value: set Parameters:{name}."),
            _ => persist ? state.KeptSecret(name, defaultValue.GetDefaultValue) : defaultValue.GetDefaultValue(),
        };
    }
}
