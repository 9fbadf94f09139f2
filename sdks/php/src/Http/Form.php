<?php

declare(strict_types=1);

namespace Amtia\Http;

/** A form with one file, as a stream that is never whole in memory. */
final class Form
{
    /**
     * The same boundary gives the same bytes, so that a repeated upload is seen to be the same.
     *
     * @param array<string, string> $fields
     * @param string|resource $file a path or an open stream
     * @return resource
     */
    public static function build(string $boundary, array $fields, mixed $file, ?string $name)
    {
        $form = fopen('php://temp/maxmemory:1048576', 'w+b');
        if ($form === false) {
            throw new \RuntimeException('There is no room for a temporary file.');
        }
        foreach ($fields as $field => $value) {
            fwrite($form, "--$boundary\r\ncontent-disposition: form-data; name=\"" . self::quoted($field) . "\"\r\n\r\n$value\r\n");
        }
        $source = is_string($file) ? @fopen($file, 'rb') : $file;
        if (!is_resource($source)) {
            throw new \InvalidArgumentException(is_string($file) ? "$file cannot be read" : 'file must be a path or an open stream');
        }
        $name ??= basename((string) (stream_get_meta_data($source)['uri'] ?? 'document'));
        fwrite(
            $form,
            "--$boundary\r\ncontent-disposition: form-data; name=\"file\"; filename=\"" . self::quoted($name)
            . "\"\r\ncontent-type: application/octet-stream\r\n\r\n",
        );
        stream_copy_to_stream($source, $form);
        if (is_string($file)) {
            fclose($source);
        }
        fwrite($form, "\r\n--$boundary--\r\n");
        return $form;
    }

    /** As browsers write names in a form. */
    private static function quoted(string $name): string
    {
        return str_replace(["\r", "\n", '"'], ['%0D', '%0A', '%22'], $name);
    }
}
