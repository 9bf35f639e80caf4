using System.Security.Cryptography;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Something whose value is known when a process starts: a parameter, an endpoint, a connection string.</summary>
public interface IValueProvider
{
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
}

public class ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false) : Resource(name), IValueProvider
{
    private string? _value;

    public bool Secret { get; } = secret;

    public ParameterDefault? Default { get; set; }

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(_value ??= callback(Default));
}

public abstract class ParameterDefault
{
    public abstract string GetDefaultValue();
}

public sealed class GenerateParameterDefault : ParameterDefault
{
    public int MinLength { get; set; }
    public bool Lower { get; set; } = true;
    public bool Upper { get; set; } = true;
    public bool Numeric { get; set; } = true;
    public bool Special { get; set; } = true;

    /// <summary>At least one character of each chosen class, in random order.</summary>
    public override string GetDefaultValue()
    {
        string[] classes = [.. Classes()];
        var length = Math.Max(Math.Max(MinLength, 22), classes.Length);
        var characters = classes.Select(set => RandomNumberGenerator.GetString(set, 1)[0])
            .Concat(RandomNumberGenerator.GetString(string.Concat(classes), length - classes.Length)).ToArray();
        RandomNumberGenerator.Shuffle(characters.AsSpan());
        return new string(characters);
    }

    private IEnumerable<string> Classes()
    {
        if (Lower) yield return "abcdefghijkmnpqrstuvwxyz";
        if (Upper) yield return "ABCDEFGHJKMNPQRSTUVWXYZ";
        if (Numeric) yield return "123456789";
        if (Special) yield return "-_.{}~()*+!";
        if (!Lower && !Upper && !Numeric && !Special) throw new DistributedApplicationException("A generated parameter needs at least one class of characters.");
    }
}
