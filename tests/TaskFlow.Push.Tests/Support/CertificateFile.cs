using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TaskFlow.Push.Tests.Support;

/// <summary>A certificate that nobody trusts, in a file, for as long as a test runs.</summary>
public sealed class CertificateFile : IDisposable
{
    public const string Password = "test";

    public CertificateFile()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllBytes(Path, certificate.Export(X509ContentType.Pkcs12, Password));
    }

    public string Path { get; } = System.IO.Path.GetTempFileName();

    public void Dispose() => File.Delete(Path);
}
