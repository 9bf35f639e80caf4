using System.Text.Json;

namespace TaskFlow.Local.DaprSidecar.Delivery;

/// <summary>What the app says of a message.</summary>
internal enum Verdict
{
    Success,
    Retry,
    Drop,
}

/// <summary>Reads an app's answer to a delivery the way daprd does.</summary>
internal static class AppAnswer
{
    private const int NotFound = 404;

    /// <param name="statusCode">The HTTP status.</param>
    /// <param name="body">The body, which counts only on success.</param>
    /// <param name="reason">Why it is not a success.</param>
    public static Verdict Read(int statusCode, ReadOnlySpan<byte> body, out string reason)
    {
        reason = $"the app answered {statusCode}";
        if (statusCode == NotFound) return Verdict.Drop;
        if (statusCode is < 200 or > 299) return Verdict.Retry;
        var status = Status(body);
        reason = $"the app answered {statusCode} with status {status}";
        return status switch
        {
            "" or "SUCCESS" => Verdict.Success,
            "DROP" => Verdict.Drop,
            _ => Verdict.Retry,
        };
    }

    /// <summary>The <c>status</c> of a JSON object; empty for everything else, which counts as success.</summary>
    private static string Status(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return "";
        var reader = new Utf8JsonReader(body);
        var status = "";
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return "";
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isStatus = reader.GetString()!.Equals("status", StringComparison.OrdinalIgnoreCase);
                reader.Read();
                if (!isStatus)
                {
                    reader.Skip();
                    continue;
                }
                if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null)) return "";
                status = reader.GetString() ?? "";
            }
            return status;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return "";
        }
    }
}
