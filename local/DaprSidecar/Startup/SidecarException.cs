namespace TaskFlow.Local.DaprSidecar.Startup;

/// <summary>Something that keeps the sidecar from starting; its message is one sentence for the person who started it.</summary>
internal sealed class SidecarException(string message) : Exception(message);
