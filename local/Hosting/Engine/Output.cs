using System.Diagnostics;

namespace Aspire.Hosting.Engine;

/// <summary>Runs a short command for its output.</summary>
internal static class Output
{
    /// <summary>What it wrote, or null when it failed or does not exist.</summary>
    public static string? Of(string fileName, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(fileName, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
            process.StandardInput.Close();
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Runs a command to its end, handing over each line of either stream. Killed with everything below it when cancelled.</summary>
    public static async Task<int> RunAsync(ChildCommand command, Action<string, string> onLine, CancellationToken cancellationToken)
    {
        await using var child = ChildProcess.Start(command, onLine);
        try
        {
            return await child.Exited.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            child.Kill();
            await child.Exited.ConfigureAwait(false);
            throw;
        }
    }
}
