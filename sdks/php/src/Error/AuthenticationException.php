<?php

declare(strict_types=1);

namespace Amtia\Error;

/** 401: the credentials or the token are missing, wrong, expired or revoked. */
final class AuthenticationException extends ApiException
{
}
