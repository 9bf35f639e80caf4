using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.Engine;

namespace Aspire.Hosting.Resources;

/// <summary>
/// Who runs PostgreSQL, which refuses root. Not root: ourselves. Root: a user namespace in which root is called nobody, so that files stay ours and no folder
/// needs other rights; where the system forbids that, the account postgres or nobody, which then owns the data folder.
/// </summary>
internal sealed class PostgresAccount
{
    private readonly string[] _prefix;
    private readonly string? _userName;

    private PostgresAccount(string[] prefix, string? userName = null)
    {
        _prefix = prefix;
        _userName = userName;
    }

    [SuppressMessage("Interoperability", "CA1416", Justification = "Guarded.")]
    public static PostgresAccount Choose()
    {
        if (OperatingSystem.IsWindows() || Signals.EffectiveUserId() != 0) return new PostgresAccount([]);
        string[] unshare = ["unshare", "--user", "--map-user=65534", "--map-group=65534"];
        if (Output.Of(unshare[0], [.. unshare[1..], "true"]) is not null) return new PostgresAccount(unshare);
        var user = new[] { "postgres", "nobody" }.FirstOrDefault(name => Output.Of("id", "-u", name) is not null)
            ?? throw new DistributedApplicationException("PostgreSQL refuses to run as root, and there is neither a user 'postgres' nor 'nobody': start the AppHost as another user.");
        return new PostgresAccount([], user);
    }

    /// <summary>The folder and all in it belong to whoever runs the server. Another account may have been chosen last time.</summary>
    public void Own(string folder)
    {
        if (OperatingSystem.IsWindows() || Signals.EffectiveUserId() != 0) return;
        _ = Output.Of("chown", "-R", _userName ?? "root", folder);
    }

    public ChildCommand Run(string program, string[] arguments, IReadOnlyDictionary<string, string> environment, string workingDirectory)
    {
        string[] line = [.. _prefix, program, .. arguments];
        return new ChildCommand(line[0], line[1..], workingDirectory, environment) { UserName = _userName };
    }
}
