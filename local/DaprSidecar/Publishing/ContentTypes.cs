namespace TaskFlow.Local.DaprSidecar.Publishing;

/// <summary>Sorts content types as daprd does: by what stands before any parameters.</summary>
internal static class ContentTypes
{
    public const string Json = "application/json";
    public const string Text = "text/plain";
    public const string Bytes = "application/octet-stream";
    public const string CloudEvent = "application/cloudevents+json";

    public static bool IsJson(string contentType) => Is(contentType, Json);

    public static bool IsCloudEvent(string contentType) => Is(contentType, CloudEvent);

    public static bool IsText(string contentType) => contentType.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || Is(contentType, "application/xml");

    public static bool IsBytes(string contentType) => Is(contentType, Bytes);

    /// <summary>Bytes to a CloudEvent in JSON: they travel as base64.</summary>
    public static bool IsCarriedAsBase64(string contentType) => IsBytes(contentType) || Is(contentType, "application/cloudevents+protobuf");

    private static bool Is(string contentType, string expected)
    {
        var end = contentType.IndexOf(';');
        return (end < 0 ? contentType.AsSpan() : contentType.AsSpan(0, end)).Equals(expected, StringComparison.OrdinalIgnoreCase);
    }
}
