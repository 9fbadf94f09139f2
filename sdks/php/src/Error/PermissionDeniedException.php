<?php

declare(strict_types=1);

namespace Amtia\Error;

/** 403: the role of this API key does not allow the operation. */
final class PermissionDeniedException extends ApiException
{
}
