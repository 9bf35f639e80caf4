namespace Aspire.Hosting.Engine;

/// <summary>Programs installed on this machine.</summary>
internal static class Tools
{
    /// <summary>The full path of a program on PATH, or in one of the other folders.</summary>
    public static string? Find(string program, params IEnumerable<string> otherFolders) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Concat(otherFolders)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? program + ".exe" : program))
            .FirstOrDefault(File.Exists);

    public static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
}
