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
            if (i + 1 >= line.Length || line[i + 1] != '[') continue;
            var end = i + 2;
            while (end < line.Length && line[end] is (>= '0' and <= '?') or (>= ' ' and <= '/')) end++;
            if (end < line.Length && line[end] == 'm')
            {
                Flush();
                foreach (var code in line[(i + 2)..end].Split(';')) Apply(code);
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
