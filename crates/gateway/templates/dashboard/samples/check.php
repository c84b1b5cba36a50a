<?php
$body = file_get_contents('php://input');
$right = hash_hmac('sha256', $body, getenv('LOCKGATE_API_KEY'));
if (!hash_equals($right, $_SERVER['HTTP_X_SIGNATURE'] ?? '')) {
    http_response_code(401);
    exit;
}
$event = json_decode($body, true);
