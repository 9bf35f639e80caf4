using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;
using Npgsql;

namespace Aspire.Hosting.Resources;

/// <summary>A real PostgreSQL: loopback only, with a password, fsync on, its data in a folder per major version.</summary>
internal sealed class PostgresLauncher(PostgresServerResource server, DistributedApplicationBuilder builder) : ILauncher
{
    /// <summary>
    /// What a letter is, and which one is its capital, decides what full-text search finds. Systems name such a locale differently and some have none: the first
    /// that initdb takes. All else, sorting above all, is by bytes.
    /// </summary>
    private static readonly string[] CharacterTypes = ["C.UTF-8", "en_US.UTF-8", "C"];

    private readonly HashSet<string> _created = [];

    public string Type => "PostgreSQL";

    public bool EndsTheStart => true;

    public async Task<ChildCommand> PrepareAsync(Replica replica, CancellationToken cancellationToken)
    {
        var installation = await PostgresInstallation.FindAsync(builder.Configuration, replica.Log, cancellationToken).ConfigureAwait(false);
        var account = PostgresAccount.Choose();
        var parent = builder.State.Sub(server.Name);
        var data = Path.Combine(parent, installation.Major);
        NameOtherMajors(parent, installation, replica.Log);
        if (!File.Exists(Path.Combine(data, "PG_VERSION"))) await CreateAsync(installation, account, parent, data, replica.Log, cancellationToken).ConfigureAwait(false);
        account.Own(parent);
        await PredecessorGoneAsync(data, replica.Log, cancellationToken).ConfigureAwait(false);
        var postgres = account.Run(installation.Program("postgres"), [
            "-D", data, "-p", $"{server.PrimaryEndpoint.Port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "fsync=on", "-c", "max_connections=300", "-c", "log_line_prefix=", "-c", "log_checkpoints=off"], installation.Environment, parent);
        // SIGINT is the fast shutdown: clients are disconnected, everything is written. The server passes it on to its own processes.
        return postgres with { StopSignal = Signals.Interrupt };
    }

    /// <summary>A query, on the server and then on each database, which is created when it is not there.</summary>
    public async Task<string?> ProbeAsync(Replica replica, CancellationToken cancellationToken)
    {
        var address = await server.GetValueAsync(cancellationToken).ConfigureAwait(false) + ";Pooling=false;Timeout=5;Command Timeout=15";
        try
        {
            await using var connection = new NpgsqlConnection(address + ";Database=postgres");
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            foreach (var database in server.Databases.Where(database => !_created.Contains(database)).ToList())
            {
                var characterType = await CreateDatabaseAsync(connection, database, cancellationToken).ConfigureAwait(false);
                _created.Add(database);
                if (characterType == "C") replica.Log.Write("apphost", $"the database '{database}' knows capitals and punctuation of ASCII only, and so does its search: one that is created anew, in another --Local:DataFolder=…, knows them all");
            }
            await using var query = new NpgsqlCommand("SELECT 1", connection);
            await query.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            throw new DistributedApplicationException(WrongPassword(), e);
        }
        catch (NpgsqlException e)
        {
            return e.Message;
        }
    }

    private string WrongPassword()
    {
        var (setting, secrets) = ($"Parameters:{server.PasswordParameter.Name}", Path.Combine(builder.State.Path, "secrets.json"));
        return builder.Configuration[setting] is { Length: > 0 }
            ? $"The database in {builder.State.Path} was created with another password than the one given as {setting}: give that one, or none if {secrets} has it, or give this run a folder of its own with --Local:DataFolder=…"
            : $"The password in {secrets} does not fit the database beside it. If that was created with one that was given, give it again with --{setting}=…; else restore the file, or remove the whole folder.";
    }

    /// <summary>Which characters it knows: its LC_CTYPE.</summary>
    private static async Task<string?> CreateDatabaseAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand("SELECT datctype FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = database } } };
        if (await find.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is string found) return found;
        await using var create = new NpgsqlCommand($"CREATE DATABASE \"{database.Replace("\"", "\"\"")}\"", connection);
        await create.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return (string?)await find.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A folder per major version means that another PostgreSQL on this machine begins with nothing. Nobody should have to guess why.</summary>
    private static void NameOtherMajors(string parent, PostgresInstallation installation, ResourceLog log)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent).Where(folder => File.Exists(Path.Combine(folder, "PG_VERSION"))))
        {
            var major = Path.GetFileName(folder);
            if (major == installation.Major || !major.All(char.IsAsciiDigit)) continue;
            var wayBack = major == PostgresInstallation.EmbeddedMajor ? "start with --Local:Postgres=embedded" : $"put the programs of PostgreSQL {major} first on PATH and leave Local:Postgres unset";
            log.Write("apphost", $"{folder} holds data of PostgreSQL {major}, which this one ({installation.Major}) cannot read and does not show. To go on with them, {wayBack}; if nobody needs them, remove that folder.");
        }
    }

    /// <summary>Makes the data folder under another name first, so that an interrupted initdb leaves nothing that looks finished.</summary>
    private async Task CreateAsync(
        PostgresInstallation installation, PostgresAccount account, string parent, string data, ResourceLog log, CancellationToken cancellationToken)
    {
        var unfinished = data + ".new";
        foreach (var folder in new[] { unfinished, data }.Where(Directory.Exists)) Directory.Delete(folder, recursive: true);
        var passwordFile = Path.Combine(parent, "password.new");
        await using (var stream = new StreamWriter(DataFolder.OpenPrivate(passwordFile)))
        {
            await stream.WriteLineAsync(await server.PasswordParameter.GetValueAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        account.Own(parent);
        log.Write("apphost", $"creating the database in {data}");
        var userName = await server.UserNameAsync(cancellationToken).ConfigureAwait(false);
        var output = new ConcurrentQueue<string>();
        var exitCode = -1;
        foreach (var characterType in CharacterTypes)
        {
            output.Clear();
            var initdb = account.Run(installation.Program("initdb"), [
                "-D", unfinished, "--username", userName, "--pwfile", passwordFile, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
                "--lc-ctype", characterType, "--no-instructions"], installation.Environment, parent);
            exitCode = await Output.RunAsync(initdb, (_, line) => output.Enqueue(line), cancellationToken).ConfigureAwait(false);
            if (exitCode == 0) break;
        }
        File.Delete(passwordFile);
        if (exitCode != 0)
        {
            throw new DistributedApplicationException($"initdb could not create the database in {data} (exit code {exitCode}): {string.Join(' ', output.TakeLast(3))}");
        }
        Directory.Move(unfinished, data);
    }

    /// <summary>
    /// After a kill -9 the old server's processes need a moment to notice; a new one refuses to start beside them. After a power cut its lock file may be empty, or
    /// its number that of any other process by now, and PostgreSQL would refuse for ever: the folder is ours alone, so such a file goes.
    /// </summary>
    private static async Task PredecessorGoneAsync(string data, ResourceLog log, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows()) return;
        var file = Path.Combine(data, "postmaster.pid");
        for (var attempt = 0; attempt < 100 && File.Exists(file); attempt++)
        {
            // A negative number is that of a server for a single user.
            var isNumber = int.TryParse(File.ReadLines(file).FirstOrDefault(), out var id) && id is not (0 or int.MinValue);
            var isAlive = isNumber && Signals.Send(Math.Abs(id), 0) == 0;
            if (!HasServer(data, isAlive ? Math.Abs(id) : null))
            {
                // One whose process is gone PostgreSQL replaces itself, with a look at what else may be left.
                if (isNumber && !isAlive) return;
                log.Write("apphost", $"removing {file}, which a server left behind that is gone");
                File.Delete(file);
                return;
            }
            if (attempt == 0) log.Write("apphost", "waiting for the previous server to end");
            await Task.Delay(100, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether a server, or what is left of one, works on the folder: every process of it has it as its working folder. Elsewhere than on Linux only the living process that the lock file names can be asked.</summary>
    private static bool HasServer(string data, int? named)
    {
        if (!OperatingSystem.IsLinux()) return named is { } id && Output.Of("ps", "-o", "command=", "-p", $"{id}")?.Contains("postgres", StringComparison.Ordinal) == true;
        var resolved = Output.Of("realpath", data)?.TrimEnd('\n') ?? data;
        return Directory.EnumerateDirectories("/proc").Any(process => char.IsAsciiDigit(Path.GetFileName(process)[0]) && WorkingFolder(process) == resolved);
    }

    private static string? WorkingFolder(string process)
    {
        try
        {
            return new FileInfo(Path.Combine(process, "cwd")).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
