using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Engine;

/// <summary>
/// Everything that survives a restart: the database, the generated secrets, the logs. One AppHost at a time may use it.
/// </summary>
internal sealed class DataFolder(IConfiguration configuration, BuildInfo build) : IDisposable
{
    private readonly Lock _lock = new();
    private FileStream? _held;

    public string Path { get; } = configuration["Local:DataFolder"] is { Length: > 0 } configured
        ? System.IO.Path.GetFullPath(configured)
        : System.IO.Path.Combine(build.Root, ".taskflow");

    /// <summary>Set by tests, whose folder is nobody's business afterwards.</summary>
    public bool IsTemporary { get; init; } = configuration.GetValue("Local:DataFolderIsTemporary", false);

    /// <summary>Whether the last AppHost here has ended without taking its name away.</summary>
    public bool PredecessorWasKilled { get; private set; }

    public string Sub(params string[] names)
    {
        var folder = System.IO.Path.Combine([Path, .. names]);
        Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>Takes the folder, or says who has it.</summary>
    public void Hold()
    {
        var file = System.IO.Path.Combine(Path, "apphost.lock");
        try
        {
            Directory.CreateDirectory(Path);
            _held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(file))
        {
            throw new DistributedApplicationException(
                $"Another AppHost (process {(File.Exists(HolderFile) ? File.ReadAllText(HolderFile).Trim() : "unknown")}) uses the data folder {Path}. Stop it, or give this one a folder of its own with --Local:DataFolder=…");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"The data folder {Path} cannot be used: {e.Message}", e);
        }
        // A file of its own: the locked one cannot be read by others.
        PredecessorWasKilled = File.Exists(HolderFile);
        File.WriteAllText(HolderFile, $"{Environment.ProcessId}\n");
    }

    /// <summary>The secret of that name, made when it is asked for the first time. The file is readable to its owner only.</summary>
    public string KeptSecret(string name, Func<string> make)
    {
        lock (_lock)
        {
            var file = System.IO.Path.Combine(Path, "secrets.json");
            var secrets = Read(file);
            if (secrets.TryGetValue(name, out var kept)) return kept;
            var made = secrets[name] = make();
            var temporary = file + ".new";
            using (var stream = OpenPrivate(temporary)) JsonSerializer.Serialize(stream, secrets);
            File.Move(temporary, file, overwrite: true);
            return made;
        }
    }

    /// <summary>Waits until nobody else holds the file, and holds it until disposed. Throws where it cannot be made.</summary>
    public static async Task<FileStream> HoldFileAsync(string file, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(file))
            {
                await Task.Delay(200, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public static FileStream OpenPrivate(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(file, options);
    }

    public void Dispose()
    {
        if (_held is null) return;
        // Somebody may have removed the folder meanwhile.
        if (File.Exists(HolderFile)) File.Delete(HolderFile);
        _held.Dispose();
        _held = null;
        if (IsTemporary) Remove(Path);
    }

    private string HolderFile => System.IO.Path.Combine(Path, "apphost.pid");

    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Terminal.Apphost($"the temporary folder {folder} could not be removed: {e.Message}");
        }
    }

    private static Dictionary<string, string> Read(string file)
    {
        if (!File.Exists(file)) return [];
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllBytes(file)) ?? [];
        }
        catch (JsonException e)
        {
            throw new DistributedApplicationException($"{file} is damaged ({e.Message}). It holds the database's password: restore it, or remove the whole data folder.", e);
        }
    }
}
