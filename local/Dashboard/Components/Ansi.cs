using System.Text;

namespace TaskFlow.Local.Dashboard.Components;

/// <summary>Colours of a console line as classes; every other control sequence is dropped.</summary>
internal static class Ansi
{
    public static List<(string Text, string Class)> Parse(string line)
    {
        var parts = new List<(string, string)>();
        if (!line.Contains('\e')) return [(line, "")];
        var text = new StringBuilder();
        var (color, bold, dim) = ("", false, false);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] != '\e')
            {
                text.Append(line[i]);
                continue;
            }
            if (i + 1 < line.Length && line[i + 1] == ']')
            {
                // A link or a title: up to a bell or ESC \, and what it says is not for the eye.
                i += 2;
                while (i < line.Length && line[i] != '\a' && !(line[i] == '\e' && i + 1 < line.Length && line[i + 1] == '\\')) i++;
                if (i < line.Length && line[i] == '\e') i++;
                continue;
            }
            if (i + 1 >= line.Length || line[i + 1] != '[') continue;
            var end = i + 2;
            while (end < line.Length && line[end] is (>= '0' and <= '?') or (>= ' ' and <= '/')) end++;
            if (end < line.Length && line[end] == 'm')
            {
                Flush();
                var codes = line[(i + 2)..end].Split(';');
                for (var n = 0; n < codes.Length; n++)
                {
                    // 38;5;N and 38;2;R;G;B are one colour of a larger palette: its numbers are no codes of their own.
                    if (codes[n] is "38" or "48") n += n + 1 < codes.Length && codes[n + 1] == "5" ? 2 : 4;
                    else Apply(codes[n]);
                }
            }
            i = end;
        }
        Flush();
        return parts;

        void Flush()
        {
            if (text.Length > 0) parts.Add((text.ToString(), $"{color}{(bold ? " bold" : "")}{(dim ? " dim" : "")}"));
            text.Clear();
        }

        void Apply(string code)
        {
            switch (code)
            {
                case "" or "0":
                    (color, bold, dim) = ("", false, false);
                    break;
                case "1":
                    bold = true;
                    break;
                case "2":
                    dim = true;
                    break;
                case "22":
                    bold = dim = false;
                    break;
                case "39":
                    color = "";
                    break;
                case ['3' or '9', >= '0' and <= '7'] when code.Length == 2:
                    color = $"a{code[1]}";
                    break;
            }
        }
    }
}
