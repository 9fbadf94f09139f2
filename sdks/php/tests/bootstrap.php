<?php

declare(strict_types=1);

// Composer's loader where its packages are installed, else Debian's packages and this package's own files.
$composer = __DIR__ . '/../vendor/autoload.php';
if (is_file($composer)) {
    require_once $composer;
} else {
    foreach (['Psr/Http/Message', 'Psr/Http/Client', 'Nyholm/Psr7', 'Symfony/Component/HttpClient'] as $package) {
        require_once "$package/autoload.php";
    }
    require_once 'Psr/Http/Message/factory-autoload.php';
    spl_autoload_register(static function (string $class): void {
        if (str_starts_with($class, 'Amtia\\')) {
            $file = __DIR__ . '/../src/' . strtr(substr($class, 6), '\\', '/') . '.php';
            if (is_file($file)) {
                require $file;
            }
        }
    });
}
require_once __DIR__ . '/Served.php';
require_once __DIR__ . '/Peer.php';
